"""Drives a node's Batch API with OpenAI's own Python client, unchanged.

Usage: openai_client.py URL|SOCKET ENGINE_MODEL

Prints one line for each thing that held, and "all held" at the end; an assertion ends it.
"""

import io
import json
import sys
import time
import uuid

import openai


def client(address):
    if address.startswith("http"):
        return openai.OpenAI(base_url=address, api_key="any key will do", max_retries=2)
    # The client brings its own copy of httpx; either takes a Unix socket.
    try:
        import httpx2 as httpx
    except ImportError:
        import httpx
    transport = httpx.HTTPTransport(uds=address)
    return openai.OpenAI(
        base_url="http://localhost/v1", api_key="unused",
        http_client=httpx.Client(transport=transport))


def requests(count, model, **changes):
    lines = []
    for number in range(1, count + 1):
        line = {
            "custom_id": f"request-{number}", "method": "POST", "url": "/v1/chat/completions",
            "body": {"model": model, "max_tokens": 3,
                     "messages": [{"role": "user", "content": f"Number {number}?"}]},
        }
        line.update(changes.get(f"line{number}", {}))
        lines.append(json.dumps(line))
    return ("\n".join(lines) + "\n").encode()


def poll(api, batch, statuses, seconds=60):
    end = time.monotonic() + seconds
    while True:
        now = api.batches.retrieve(batch.id)
        if now.status in statuses:
            return now
        assert time.monotonic() < end, f"still {now.status}: {now}"
        time.sleep(0.2)


def refusal(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}")


def main():
    address, model = sys.argv[1:3]
    api = client(address)

    def held(what):
        print(what, flush=True)

    before = {item.id for item in api.batches.list()}
    assert [item.id for item in api.models.list()] == [model]
    held("models")

    content = requests(5, model)
    file = api.files.create(file=("sums.jsonl", io.BytesIO(content)), purpose="batch")
    assert file.id.startswith("file-") and file.bytes == len(content), file
    assert file.filename == "sums.jsonl" and file.purpose == "batch" and file.object == "file"
    assert api.files.retrieve(file.id) == file
    assert api.files.content(file.id).read() == content
    assert file.id in [item.id for item in api.files.list(purpose="batch")]
    held("upload")

    batch = api.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="10m",
        metadata={"who": "interop", "heliograph_watts": "45", "heliograph_priority": "2"})
    assert batch.object == "batch" and batch.status in ("validating", "in_progress"), batch
    assert batch.input_file_id == file.id and batch.metadata["who"] == "interop"
    assert api.files.delete(file.id).deleted
    held("create")

    done = poll(api, batch, ["completed", "failed", "expired"])
    assert done.status == "completed" and done.model == model, done
    counts = done.request_counts
    assert (counts.total, counts.completed, counts.failed) == (5, 5, 0), done
    assert done.created_at <= done.in_progress_at <= done.completed_at <= done.expires_at
    assert done.error_file_id is None and done.usage.output_tokens == 15, done
    assert done.heliograph["job"] >= 1 and done.heliograph["state"] == "completed"
    output = api.files.content(done.output_file_id).text
    results = [json.loads(line) for line in output.splitlines()]
    assert {line["custom_id"] for line in results} == {f"request-{n}" for n in range(1, 6)}
    for line in results:
        assert line["error"] is None and line["response"]["status_code"] == 200
        body = line["response"]["body"]
        assert body["choices"][0]["message"]["content"] and body["usage"]["completion_tokens"] == 3
    assert api.files.retrieve(done.output_file_id).purpose == "batch_output"
    held("complete")

    # The sun does not shine on this node: a batch with time waits, and may be taken back.
    file = api.files.create(file=("later.jsonl", io.BytesIO(requests(3, model))), purpose="batch")
    later = api.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    waiting = poll(api, later, ["in_progress"])
    assert waiting.heliograph["state"] == "held_for_sun" and waiting.heliograph["reason"]
    assert api.batches.cancel(later.id).status in ("cancelling", "cancelled")
    gone = poll(api, later, ["cancelled"])
    assert gone.cancelled_at and gone.output_file_id is None
    assert api.batches.cancel(later.id).status == "cancelled"
    held("cancel")

    other = {"url": "/v1/embeddings", "body": {"model": model, "input": "x"}}
    bad = requests(4, model, line3=other)
    file = api.files.create(file=("bad.jsonl", io.BytesIO(bad)), purpose="batch")
    failed = api.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    failed = poll(api, failed, ["failed"])
    error = failed.errors.data[0]
    assert (error.line, error.code, error.param) == (3, "mismatched_endpoint", "url"), failed
    assert failed.failed_at
    file = api.files.create(file=("torn.jsonl", io.BytesIO(b'{"custom_id"\n')), purpose="batch")
    failed = api.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    error = poll(api, failed, ["failed"]).errors.data[0]
    assert (error.line, error.code) == (1, "invalid_json_line"), error
    held("failed")

    ids = [item.id for item in api.batches.list(limit=2) if item.id not in before]
    assert len(ids) == 4 and len(set(ids)) == 4, ids
    assert ids[-1] == batch.id and later.id in ids
    page = api.batches.list(limit=2)
    assert page.has_more and [item.id for item in page.data] == ids[:2]
    held("list")

    assert refusal(openai.NotFoundError, lambda: api.batches.retrieve("batch_none")).status_code
    refusal(openai.NotFoundError, lambda: api.files.content("file-none"))
    refusal(openai.ConflictError, lambda: api.batches.cancel(batch.id))
    error = refusal(openai.BadRequestError, lambda: api.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="a while"))
    assert error.param == "completion_window", error
    error = refusal(openai.BadRequestError, lambda: api.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h",
        metadata={"heliograph_watts": "many"}))
    assert error.param == "metadata.heliograph_watts", error
    error = refusal(openai.BadRequestError, lambda: api.files.create(
        file=("x.jsonl", b"{}"), purpose="fine-tune"))
    assert error.param == "purpose", error
    refusal(openai.PermissionDeniedError, lambda: api.models.list(
        extra_headers={"Origin": "http://example.org"}))
    held("refusals")

    def create(key, window):
        return api.batches.create(
            input_file_id=file.id, endpoint="/v1/chat/completions", completion_window=window,
            extra_headers={"Idempotency-Key": key})

    one, two = str(uuid.uuid4()), str(uuid.uuid4())
    first = create(one, "24h")
    assert create(one, "24h").id == first.id and create(two, "24h").id != first.id
    refusal(openai.BadRequestError, lambda: create(one, "12h"))
    held("repeats")

    assert api.files.delete(file.id).deleted
    refusal(openai.NotFoundError, lambda: api.files.retrieve(file.id))
    assert api.files.delete(done.output_file_id).deleted
    refusal(openai.NotFoundError, lambda: api.files.content(done.output_file_id))
    assert api.batches.retrieve(batch.id).output_file_id is None
    held("delete")
    print("all held", flush=True)


main()
