"""Reference for CR07, permissions for a model endpoint.

The file under review is read out of the question; the repaired one stands below. A small reader of Terraform's language
and a small judge of policies know what counts here. Per planted fault one test shows the fault and its absence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

QUESTION = Path(__file__).with_name("CR07.md")
FAULTY = QUESTION.read_text(encoding="utf-8").split("```hcl\n", 1)[1].split("```", 1)[0]


def _bucket(name: str) -> str:
    return f"""\
resource "aws_s3_bucket" "{name}" {{
  bucket = "birhanayn-{name}"
}}
resource "aws_s3_bucket_public_access_block" "{name}" {{
  bucket                  = aws_s3_bucket.{name}.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}}
resource "aws_s3_bucket_versioning" "{name}" {{
  bucket = aws_s3_bucket.{name}.id
  versioning_configuration {{ status = "Enabled" }}
}}
"""


def _role(name: str, principal: str, action: str, condition: str, statements: str) -> str:
    return f"""\
resource "aws_iam_role" "{name}" {{
  name = "{name}"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect    = "Allow", Action = "{action}"
    Principal = {principal}
    Condition = {{ StringEquals = {condition} }}
  }}] }})
}}
resource "aws_iam_role_policy" "{name}" {{
  role   = aws_iam_role.{name}.id
  policy = jsonencode({{ Version = "2012-10-17", Statement = [
{statements}  ] }})
}}
"""


SAGEMAKER = ('{ Service = "sagemaker.amazonaws.com" }', "sts:AssumeRole", '{ "aws:SourceAccount" = "210987654321" }')
NURSES = (
    '{ Federated = "cognito-identity.amazonaws.com" }',
    "sts:AssumeRoleWithWebIdentity",
    '{ "cognito-identity.amazonaws.com:aud" = "eu-central-1:nurses" }',
)
TRAIN = """\
    { Effect = "Allow", Action = "s3:GetObject", Resource = [
      "${aws_s3_bucket.eyes.arn}/photos/*", "${aws_s3_bucket.eyes.arn}/labels/*"] },
    { Effect = "Allow", Action = "s3:PutObject", Resource = "${aws_s3_bucket.models.arn}/candidates/*" }
"""
SERVE = """\
    { Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.models.arn}/released/*" },
    { Effect = "Allow", Action = "s3:PutObject", Resource = "${aws_s3_bucket.capture.arn}/*" }
"""
ASK = """\
    { Effect = "Allow", Action = "sagemaker:InvokeEndpoint",
      Resource = "arn:aws:sagemaker:eu-central-1:210987654321:endpoint/grade" }
"""
DIGEST = "5e0d1c7b9a8f4e3d2c1b0a99887766554433221100ffeeddccbbaa9988776655"  # invented
ENDPOINT = f"""\
resource "aws_s3_bucket_lifecycle_configuration" "capture" {{
  bucket = aws_s3_bucket.capture.id
  rule {{
    status = "Enabled"
    expiration {{ days = 35 }}
  }}
}}
resource "aws_sagemaker_model" "grade" {{
  name               = "grade-2026-04-02-a1f3"
  execution_role_arn = aws_iam_role.serve.arn
  primary_container {{
    image          = "210987654321.dkr.ecr.eu-central-1.amazonaws.com/grade@sha256:{DIGEST}"
    model_data_url = "s3://birhanayn-models/released/2026-04-02-a1f3/grade.tar.gz"
  }}
}}
resource "aws_sagemaker_endpoint_configuration" "grade" {{
  name = "grade-2026-04-02-a1f3"
  production_variants {{
    variant_name           = "all"
    model_name             = aws_sagemaker_model.grade.name
    instance_type          = "ml.g5.xlarge"
    initial_instance_count = 2
  }}
  data_capture_config {{
    enable_capture              = true
    initial_sampling_percentage = 10
    destination_s3_uri          = "s3://birhanayn-capture/answers"
    capture_options {{ capture_mode = "Output" }}
  }}
}}
"""
# Pulling the image and writing logs are left out here; the question's solution names them.
REPAIRED = "".join(map(_bucket, ("eyes", "models", "capture"))) + _role("train", *SAGEMAKER, TRAIN)
REPAIRED += _role("serve", *SAGEMAKER, SERVE) + _role("nurses", *NURSES, ASK) + ENDPOINT

# --- A reader of as much of the language as the two files need --------------------------------------

TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([\w.]+)|([{}\[\]()=,]))')
Body = dict[str, Any]


class Reader:
    def __init__(self, text: str) -> None:
        self.tokens = ["".join(match) for match in TOKEN.findall(text)]
        self.at = 0

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def body(self, end: str) -> Body:
        """Read attributes and blocks up to `end`; blocks of one name become a list."""
        found: Body = {}
        while self.at < len(self.tokens) and self.tokens[self.at] != end:
            name = self.take().strip('"')
            labels = []
            while self.tokens[self.at] not in ("=", "{"):
                labels.append(self.take().strip('"'))
            if self.take() == "=":
                found[name] = self.value()
            else:
                found.setdefault(name, []).append({"labels": labels, **self.body("}")})
            while self.at < len(self.tokens) and self.tokens[self.at] == ",":
                self.at += 1
        self.at += 1
        return found

    def value(self) -> Any:
        token = self.take()
        if token == "jsonencode":
            self.take()
            inner = self.value()
            self.take()
            return inner
        if token == "{":
            return self.body("}")
        if token == "[":
            items = []
            while self.tokens[self.at] != "]":
                items.append(self.value())
                self.at += self.tokens[self.at] == ","
            self.at += 1
            return items
        if token.startswith('"'):
            return token[1:-1]
        return {"true": True, "false": False}.get(token, int(token) if token.isdigit() else token)


def resources(text: str) -> dict[tuple[str, str], Body]:
    return {tuple(block["labels"]): block for block in Reader(text).body("")["resource"]}


def test_both_files_are_read_completely() -> None:
    for text in (FAULTY, REPAIRED):
        assert len(resources(text)) == text.count('\nresource "') + 1
        assert "".join(Reader(text).tokens) == re.sub(r'\s+(?=(?:[^"]*"[^"]*")*[^"]*$)', "", text)


def _list(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [re.sub(r"\$\{aws_s3_bucket\.(\w+)\.arn\}", r"arn:aws:s3:::birhanayn-\1", item) for item in items]


def allows(statements: Sequence[Mapping[str, Any]], action: str, resource: str, headers: Mapping[str, str]) -> bool:
    """Whether a statement allows it; a condition is compared with what the caller sends."""
    return any(
        statement["Effect"] == "Allow"
        and any(fnmatchcase(action, pattern) for pattern in _list(statement["Action"]))
        and any(fnmatchcase(resource, pattern) for pattern in _list(statement["Resource"]))
        and all(
            fnmatchcase(headers.get(key, ""), pattern)
            for pairs in statement.get("Condition", {}).values()
            for key, pattern in pairs.items()
        )
        for statement in statements
    )


def role_may(text: str, role: str, action: str, resource: str) -> bool:
    return allows(resources(text)["aws_iam_role_policy", role]["policy"]["Statement"], action, resource, {})


def stranger_may(text: str, resource: str, headers: Mapping[str, str]) -> bool:
    """Whether somebody without any credentials may read an object."""
    policies = [block["policy"] for (kind, _), block in resources(text).items() if kind == "aws_s3_bucket_policy"]
    public = [s for policy in policies for s in policy["Statement"] if s["Principal"] == "*"]
    return allows(public, "s3:GetObject", resource, headers)


PHOTO = "arn:aws:s3:::birhanayn-eyes/photos/31-Debark.jpg"
REGISTER = "arn:aws:iam::210987654321:role/register"
JOB = "arn:aws:sagemaker:eu-central-1:210987654321:training-job/x"


def test_photos_are_open_to_whoever_writes_a_header() -> None:
    header = {"aws:Referer": "https://label.birhanayn.example/x"}  # curl -e writes it
    assert not stranger_may(FAULTY, PHOTO, {})
    assert stranger_may(FAULTY, PHOTO, header)
    assert not stranger_may(REPAIRED, PHOTO, header)


def test_public_access_blocks_left_out_count_as_false() -> None:
    settings = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    kind = "aws_s3_bucket_public_access_block"
    assert [name for name in settings if resources(FAULTY)[kind, "eyes"].get(name)] == ["block_public_acls"]
    for bucket in ("eyes", "models", "capture"):
        assert all(resources(REPAIRED)[kind, bucket].get(name) for name in settings)


def test_one_role_may_destroy_what_its_job_only_reads() -> None:
    live = "arn:aws:s3:::birhanayn-models/released/2026-04-02-a1f3/grade.tar.gz"
    assert role_may(FAULTY, "ml", "s3:DeleteObject", PHOTO)
    assert role_may(FAULTY, "ml", "s3:PutObject", "arn:aws:s3:::birhanayn-eyes/models/grade.tar.gz")
    assert role_may(REPAIRED, "train", "s3:GetObject", PHOTO)  # it can still do its work
    assert role_may(REPAIRED, "serve", "s3:GetObject", live)
    assert role_may(REPAIRED, "serve", "s3:PutObject", "arn:aws:s3:::birhanayn-capture/answers/1.jsonl")
    for role in ("train", "serve"):
        assert not role_may(REPAIRED, role, "s3:DeleteObject", PHOTO)
        assert not role_may(REPAIRED, role, "s3:PutObject", live)
    assert not role_may(REPAIRED, "serve", "s3:GetObject", PHOTO)


def test_a_job_may_start_another_under_a_stronger_role() -> None:
    passing, creating = ("iam:PassRole", REGISTER), ("sagemaker:CreateTrainingJob", JOB)
    assert role_may(FAULTY, "ml", *passing) and role_may(FAULTY, "ml", *creating)
    for role in ("train", "serve", "nurses"):
        assert not role_may(REPAIRED, role, *passing)
        assert not role_may(REPAIRED, role, *creating)


@pytest.mark.parametrize(("text", "outsiders"), [(FAULTY, ["arn:aws:iam::401122334455:root"]), (REPAIRED, [])])
def test_the_former_firm_can_become_the_role(text: str, outsiders: list[str]) -> None:
    roles = [block for (kind, _), block in resources(text).items() if kind == "aws_iam_role"]
    trusts = [role["assume_role_policy"]["Statement"][0] for role in roles]
    assert [trust["Principal"]["AWS"] for trust in trusts if "AWS" in trust["Principal"]] == outsiders
    assert all("Condition" in trust for trust in trusts) == (not outsiders)


def test_tablets_may_do_more_than_ask() -> None:
    managed = resources(FAULTY)["aws_iam_user_policy_attachment", "tablets"]["policy_arn"]
    assert managed.endswith("/AmazonSageMakerFullAccess")  # creates and deletes endpoints
    endpoint = "arn:aws:sagemaker:eu-central-1:210987654321:endpoint/"
    assert role_may(REPAIRED, "nurses", "sagemaker:InvokeEndpoint", f"{endpoint}grade")
    assert not role_may(REPAIRED, "nurses", "sagemaker:InvokeEndpoint", f"{endpoint}other")
    assert not role_may(REPAIRED, "nurses", "sagemaker:DeleteEndpoint", f"{endpoint}grade")
    assert not any(kind.startswith("aws_iam_user") for kind, _ in resources(REPAIRED))


@pytest.mark.parametrize(("text", "fixed"), [(FAULTY, False), (REPAIRED, True)])
def test_image_and_model_have_moving_names(text: str, fixed: bool) -> None:
    (container,) = resources(text)["aws_sagemaker_model", "grade"]["primary_container"]
    assert ("@sha256:" in container["image"]) == fixed
    assert bool(re.search(r"/released/\d{4}-\d\d-\d\d-\w+/", container["model_data_url"])) == fixed


def test_kept_requests_are_complete_endless_and_in_the_open_bucket() -> None:
    config = ("aws_sagemaker_endpoint_configuration", "grade")
    before, after = (resources(text)[config]["data_capture_config"][0] for text in (FAULTY, REPAIRED))
    assert before["initial_sampling_percentage"] == 100
    assert "birhanayn-eyes/" in before["destination_s3_uri"]
    assert not any("lifecycle" in kind for kind, _ in resources(FAULTY))
    needed = 4_000 * 30 / 7 / (9_000 * 24) * 100
    assert needed < after["initial_sampling_percentage"] < 2 * needed
    assert [o["capture_mode"] for o in after["capture_options"]] == ["Output"]
    (rule,) = resources(REPAIRED)["aws_s3_bucket_lifecycle_configuration", "capture"]["rule"]
    assert rule["expiration"][0]["days"] == 35


@pytest.mark.parametrize(("text", "hours", "cost"), [(FAULTY, 720, 16_848), (REPAIRED, 8 * 24, 595.2)])
def test_bill_of_a_month(text: str, hours: int, cost: float) -> None:
    prices = {"ml.g5.12xlarge": 7.80, "ml.g5.xlarge": 1.55}
    (variant,) = resources(text)["aws_sagemaker_endpoint_configuration", "grade"]["production_variants"]
    assert variant["initial_instance_count"] * prices[variant["instance_type"]] * hours == pytest.approx(cost)


@pytest.mark.parametrize(("text", "doomed"), [(FAULTY, ["eyes"]), (REPAIRED, [])])
def test_the_only_copy_goes_with_the_stack(text: str, doomed: list[str]) -> None:
    found = resources(text)
    buckets = {name: block for (kind, name), block in found.items() if kind == "aws_s3_bucket"}
    assert [name for name, block in buckets.items() if block.get("force_destroy")] == doomed
    assert [name for name in buckets if ("aws_s3_bucket_versioning", name) not in found] == doomed
