"""A little question that passes parser and lint, and ways to spoil it, for tests that need no file of the bank."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from knowledge.faults import KnowledgeError
from knowledge.lint import Known
from knowledge.question import Question
from knowledge.question_file import parse_question

SAMPLE = """\
---
id: XX01
title: When the next tram comes
category: System Design
difficulty: Advanced
minutes: 30
experience: 5-8 years
topics: [forecasting, serving-realtime]
areas: [SY, ML]
phases: [goal, flow, model, operation]
companies: []
related: []
resources: [R085]
sources: [own]
not_first: [stream, gradient boosting, shadow, canary, fallback]
---

## Problem Statement

Ostring runs 300 trams. People at a stop want to know when the next one comes. Design what tells them.

## Requirements

- **Functional:** a time for every tram and stop ahead of it.
- **Non-functional:** nine of ten times are off by a minute at most.
- **Constraints:** two engineers and 3,000 euros a month.

## Facts

- **Vehicles:** There are 300 trams. Each reports its place every ten seconds.
  - Asked as: how many trams; how often do they report
- **Stops:** The network has 800 stops on 24 lines.
  - Asked as: how many stops; how large is the network
- **Readers:** At eight in the morning 2,000 people a second ask for a time.
  - Asked as: how many requests per second; what is the peak
- **History:** Two years of reported places are kept.
  - Asked as: how much history is there; what training data exists
- **Today:** The printed timetable is shown. One time in three is off by over three minutes.
  - Asked as: what exists now; how good is it today

## Hints

1. Where does the time between a report and a screen go? (P3, P4)
2. What does a rider do when the number jumps? (P1, P5)
3. Which trams are hardest to foretell from yesterday alone? (P6, P8)

## Expected Solution Components

### P1 Riders first
SY · goal · Intermediate

Says who reads the time and what a wrong one costs them.

- Topic: the people who look at the time
- Or: I'd start with the rider who runs for a tram that has left.
- Or: Too late is worse than too early, because people miss it.
- Study: problem-framing

### P2 One number for success
ML · goal · Intermediate

Sets an error measure with a limit and a share of the cases.

- Topic: a satisfying result
- Or: I'd track the share of times that are off by a minute or less.
- Or: An average hides the bad stops, so I look at the ninetieth percentile.
- Study: metrics-offline, requirements

### P3 Path of a report
SY · flow · Intermediate

Follows a report from the vehicle to the screen with a delay for each step.

- Topic: the way of a report to the screen
- Or: The tram posts its place, a queue takes it, a worker updates the times, the screen polls.
- Or: Ten seconds of reporting and two of computing leave me plenty.
- Study: serving-realtime

### P4 Times kept ready
SY · flow · Advanced

Computes times per tram and stop once and lets every reader have the same copy.

- Topic: the busy hour in the morning
- Or: Everybody at a stop sees the same number, so I compute it once and cache it.
- Or: Three hundred trams times thirty stops is nine thousand values, that fits in memory.
- Study: caching, capacity-estimation

### P5 A plain start
ML · model · Intermediate

Begins with the mean of the section at that hour and asks what a model adds.

- Topic: the first version of the estimate
- Or: First I take the average per section and hour, that beats the timetable already.
- Or: I want a simple number to compare any model with.
- Study: forecasting

### P6 Inputs known at that moment
ML · model · Advanced

Uses only what had arrived when the estimate was made, also in training.

- Topic: the inputs of the estimate
- Or: In training I cut the history at the minute of the estimate, or I'd leak the arrival.
- Or: Late reports count from when we got them and not from when they were sent.
- Study: online-offline-consistency

### P7 Silent vehicles
SY · operation · Advanced

Shows the timetable with a mark when a vehicle has been silent for a minute.

- Topic: vehicles that send nothing
- Or: After sixty quiet seconds I show the planned time and say that it is planned.
- Or: I'd alert when one in fifty trams goes quiet, not for a single one.
- Study: alerting-incident

### P8 Changing routes
ML · operation · Expert

Watches the error per line and retrains when works change a route.

- Topic: the months after the launch
- Or: A building site changes a section, so its error grows while others stay; that's my alarm.
- Or: I retrain each week and publish only if the last days come out no worse.
- Study: drift, retraining

## Follow-up Questions

### F1 CONSTRAIN P4
The budget is halved. Which part of your plan gives way first?
- Strong: keeps the shared copy and lengthens the interval of the updates.

### F2 INJECT_FAILURE P7
A line's radio is down for an hour. Describe what its riders read.
- Strong: the planned time with a mark, and no stale estimate.

### F3 NUMBER P4
A stop lists the next three trams of each line. Roughly how much memory do all the times need?
- Strong: 800 stops with a few lines and three times each are below a megabyte.

### F4 DEEPEN P3
A tram reports at 08:00:00. Walk me through what happens until a screen changes.
- Strong: names each hop with its delay and the order of two reports.

### F5 JUSTIFY P5
What made you choose that way of estimating?
- Strong: compares with the mean of the section and names the price of more.

### F6 COMPARE P6
When would the places of the last minute be enough on their own?
- Strong: on short distances with few crossings.

## Wrong Claims

### W1 P6
- Claim: I join the arrival times with all reports of that trip.
- Or: Every report of the trip goes into the row.
- Consequence: reports from after the estimate leak into it.
- Probe: An estimate is made ten minutes ahead. Which reports are in its training row?

### W2 P2
- Claim: The mean error tells us how well it works.
- Or: I only watch the average.
- Consequence: a few lines are useless and nobody sees it.
- Probe: Line 7 is off by five minutes, all others are on time. What does your number show?

### W3 P4
- Claim: Each request computes its own estimate.
- Or: The model runs for every rider who asks.
- Consequence: the busy hour costs two hundred times as much.
- Probe: Two hundred riders at one stop ask in the same second. Tell me what your machines do.

## Solution Paths

- **Means per section:** enough for most lines, cheap to keep.
- **A learned estimate:** better in traffic, dearer to watch.

## Evaluation Criteria

- **Look for:** riders, delays and numbers.
- **Red flags:** leaks the arrival; no measure; computes per rider.
- **Bonus points:** asks about works; marks planned times.

## Level Guide

- **Intermediate:** P1, P2, P3 and P5.
- **Advanced:** also P4, P6 and P7.
- **Expert:** also P8, with reasons.

## Senior Solution

### goal
Riders lose more by a late number than by an early one, so the measure is not symmetric.

### flow
One worker keeps nine thousand times in memory; screens read copies, because all riders want the same.

### model
Means per section first; a learned estimate must beat them on later weeks.

### operation
Silent vehicles fall back to the plan, visibly, since a stale estimate looks true.
"""

PATH = Path("system-design/XX01.md")

KNOWN = Known(
    areas={"SY", "ML"},
    topics={
        "alerting-incident",
        "caching",
        "capacity-estimation",
        "drift",
        "forecasting",
        "metrics-offline",
        "online-offline-consistency",
        "problem-framing",
        "requirements",
        "retraining",
        "serving-realtime",
    },
    resources={"R085"},
    questions={"XX01"},
)
"""What the sample names. All of it is in the shipped rubric, topics and resources, too."""


def sample(*changes: tuple[str, str]) -> str:
    """The sample with every (old, new) replaced at its first place. ValueError when `old` does not stand in it."""
    text = SAMPLE
    for old, new in changes:
        if old not in text:
            raise ValueError(f"not in the sample: {old}")
        text = text.replace(old, new, 1)
    return text


@cache
def sample_question(*changes: tuple[str, str]) -> Question:
    """The sample with changes, parsed."""
    return parse_question(sample(*changes), PATH)


def write_sample(folder: Path, *changes: tuple[str, str], name: str = "XX01.md") -> Path:
    """Writes the sample with changes to system-design/`name` below `folder`; gives its path."""
    path = folder / "system-design" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sample(*changes), encoding="utf-8")
    return path


def line(text: str, start: str, occurrence: int = 1) -> int:
    """The number of the line of `text` that begins with `start`, counting from 1."""
    return [n for n, row in enumerate(text.splitlines(), start=1) if row.startswith(start)][occurrence - 1]


def faults(text: str) -> list[tuple[int, str]]:
    """(line, message) of every fault of a question text, [] when it can be read."""
    try:
        parse_question(text, PATH)
    except KnowledgeError as error:
        assert all(fault.path == PATH for fault in error.faults)
        return [(fault.line, fault.message) for fault in error.faults]
    return []


def only(text: str) -> tuple[int, str]:
    """The one fault of a question text."""
    found = faults(text)
    assert len(found) == 1, found
    return found[0]
