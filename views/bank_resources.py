"""What to study: the resources of the bank, searched in one's own words or by topic."""

from __future__ import annotations

import streamlit as st

from knowledge.index import Filters
from knowledge.resource import Resource
from views.house import guarded, index, plain, resources
from views.practise_cards import topic_name

PER_PAGE = 12
MOST_HITS = 30
MOST_TOPICS = 3


def library() -> None:
    """Search, topic filter, and what passes both."""
    known = resources()
    live = sum(resource.checked for resource in known.values())
    checked = "None of the links was" if not live else f"Only {live} of the links were"
    st.caption(
        f"{len(known)} places to read, watch and practise, with our own line on what each is good for. "
        f"{checked} opened to check that it still leads there; what is open and what is paid for is a guess."
    )
    left, right = st.columns([3, 2])
    query = left.text_input(
        "Search",
        placeholder="caching for video, kubernetes, drift",
        max_chars=500,
        key="resource-query",
        persist_state="session",
    )
    topics = sorted({tag for resource in known.values() for tag in resource.topics}, key=topic_name)
    topic = right.selectbox(
        "Topic",
        topics,
        index=None,
        format_func=topic_name,
        placeholder="Any",
        key="resource-topic",
        persist_state="session",
    )
    with guarded():
        _list(_found(query or "", topic))


def _found(query: str, topic: str | None) -> list[Resource]:
    """What passes the filter, in the list's order, or what is nearest to the query, best first."""
    known = resources()
    if not query.strip():
        return [r for r in known.values() if topic is None or topic in r.topics]
    hits = index().search(query, "resource", MOST_HITS, Filters(topics=(topic,) if topic else ()))
    return [known[hit.id] for hit in hits if hit.id in known]


def _list(found: list[Resource]) -> None:
    if not found:
        st.info("Nothing comes close. Try other words or another topic.", icon=":material/search_off:")
        return
    pages = -(-len(found) // PER_PAGE)
    page = min(st.session_state.get("resource-page", 1), pages) if pages > 1 else 1
    st.caption(f"{len(found)} resource" + ("" if len(found) == 1 else "s"))
    for resource in found[(page - 1) * PER_PAGE : page * PER_PAGE]:
        entry(resource)
    if pages > 1:
        st.pagination(pages, key="resource-page")


def entry(resource: Resource) -> None:
    """One resource: link, kind, access, why, and what it is mainly about."""
    about = ", ".join(topic_name(tag) for tag in resource.topics[:MOST_TOPICS])
    st.markdown(
        f"[{plain(resource.title)}](<{resource.url}>) :gray-badge[{plain(resource.kind)}] "
        f":{'green' if resource.access == 'open' else 'orange'}-badge[{plain(resource.access)}]  \n"
        f"{plain(resource.why)}  \n:small[:gray[{plain(about)}]]"
    )
