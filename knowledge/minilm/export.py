"""Writes graph.onnx: the all-MiniLM-L6-v2 transformer as a graph without weights.

Run by hand when the graph must change; the application never imports this file.
It needs torch, transformers and onnx, which the application does without:

    pip install torch==2.13.0 transformers==5.23.0 onnx==1.23.2 onnxscript==0.7.2 \\
        onnxruntime==1.31.1
    python knowledge/minilm/export.py FOLDER     # model.safetensors, tokenizer.json, config.json

Every weight in the graph is a name and a shape under the same name the safetensors file
uses; `knowledge/embedder.py` supplies the numbers when it opens the graph. After writing, the
script runs the graph on the real weights and prints the largest difference from torch.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer
from transformers import BertModel

GRAPH = Path(__file__).with_name("graph.onnx")
TOLERANCE = 1e-5
SAMPLES = (
    "",
    "What happens when a cache entry expires while many clients ask for it?",
    "A write-ahead log makes a commit durable before the pages reach the disk. " * 12,
    "Größe, naïve, 缓存, and a very_long_identifier_with_underscores()",
    "I would shard by user id.",
)


class LastHiddenState(torch.nn.Module):
    """BERT reduced to the two inputs that vary: [batch, length] in, [batch, length, 384] out."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        # Segment, position and a ready additive mask are passed explicitly: left out, the
        # library derives them with ops that depend on its version and do not export cleanly.
        hidden = (1.0 - attention_mask.to(torch.float32)) * torch.finfo(torch.float32).min
        positions = torch.arange(input_ids.shape[1], device=input_ids.device).unsqueeze(0)
        output = self.bert(
            input_ids=input_ids,
            attention_mask=hidden[:, None, None, :],
            token_type_ids=torch.zeros_like(input_ids),
            position_ids=positions,
        )
        state: torch.Tensor = output.last_hidden_state
        return state


def trace(model: LastHiddenState) -> onnx.ModelProto:
    """The model as ONNX with its weights inside; batch and length stay free."""
    ids = torch.randint(1000, 5000, (3, 7))
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=512)
    program = torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        input_names=["input_ids", "attention_mask"],
        output_names=["last_hidden_state"],
        dynamic_shapes=({0: batch, 1: length}, {0: batch, 1: length}),
        dynamo=True,
        verbose=False,
    )
    proto: onnx.ModelProto = program.model_proto
    return proto


def as_reference(name: str, array: np.ndarray) -> onnx.TensorProto:
    """A weight's name, type and shape, pointing outside the graph for its numbers."""
    tensor = onnx.TensorProto(name=name, dims=array.shape, data_type=onnx.TensorProto.FLOAT)
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="model.safetensors")
    return tensor


def strip_weights(proto: onnx.ModelProto, weights: dict[str, np.ndarray]) -> None:
    """Replaces every large constant by a reference to the safetensors array it came from.

    The exporter folds the transpose of a linear layer into a constant of a new name; it is
    recognised by its content and becomes the original array and an explicit Transpose, which
    the runtime folds again on loading. Raises ValueError on a constant of unknown origin.
    """
    kept, transposes = [], []
    by_content = {array.T.tobytes(): name for name, array in weights.items() if array.ndim == 2}
    for constant in proto.graph.initializer:
        array, name = onnx.numpy_helper.to_array(constant), constant.name.removeprefix("bert.")
        if name in weights and np.array_equal(array, weights[name]):
            kept.append(as_reference(name, array))
            rename_input(proto, constant.name, name)
        elif array.ndim == 2 and array.tobytes() in by_content:
            name = by_content[array.tobytes()]
            kept.append(as_reference(name, weights[name]))
            node = onnx.helper.make_node("Transpose", [name], [constant.name], perm=[1, 0])
            transposes.append(node)
        elif array.size > 16:
            raise ValueError(f"{constant.name} {array.shape} is in no array of the weights")
        else:
            kept.append(constant)
    nodes = transposes + list(proto.graph.node)
    del proto.graph.initializer[:], proto.graph.node[:]
    proto.graph.initializer.extend(kept)
    proto.graph.node.extend(nodes)


def rename_input(proto: onnx.ModelProto, old: str, new: str) -> None:
    """Makes every node that reads `old` read `new`."""
    for node in proto.graph.node:
        node.input[:] = [new if name == old else name for name in node.input]


def strip_notes(proto: onnx.ModelProto) -> None:
    """Drops the exporter's notes: stack traces with local paths, and nothing the runtime uses."""
    graph = proto.graph
    del graph.value_info[:], proto.metadata_props[:], graph.metadata_props[:]
    for part in (*graph.node, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    graph.name, graph.doc_string, proto.doc_string = "all-MiniLM-L6-v2", "", ""


def difference(model: LastHiddenState, folder: Path, weights: dict[str, np.ndarray]) -> float:
    """Largest absolute difference of graph and torch over the real positions of SAMPLES."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    encodings = tokenizer.encode_batch(list(SAMPLES))
    ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
    mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)

    names = [t.name for t in onnx.load(GRAPH, load_external_data=False).graph.initializer]
    names = [name for name in names if name in weights]
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(weights[name]) for name in names]
    options = onnxruntime.SessionOptions()
    options.add_external_initializers(names, values)
    session = onnxruntime.InferenceSession(GRAPH, options, providers=["CPUExecutionProvider"])
    (ours,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
    with torch.no_grad():
        # The unmodified model, with its own handling of mask, segments and positions.
        theirs = model.bert(torch.from_numpy(ids), torch.from_numpy(mask)).last_hidden_state
    gap = np.abs(ours - theirs.numpy()) * mask[:, :, None]
    return float(gap.max())


def main() -> None:
    """Exports, writes graph.onnx beside this file and checks it against torch."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds model.safetensors and tokenizer.json")
    folder: Path = parser.parse_args().folder
    weights = load_file(folder / "model.safetensors")
    bert = BertModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False)
    model = LastHiddenState(bert)
    model.eval()

    proto = trace(model)
    strip_weights(proto, weights)
    strip_notes(proto)
    GRAPH.write_bytes(proto.SerializeToString(deterministic=True))
    gap = difference(model, folder, weights)
    print(f"{GRAPH.name}: {GRAPH.stat().st_size} bytes, largest difference {gap:.2e}")
    if gap >= TOLERANCE:
        raise SystemExit(f"the graph differs from torch by more than {TOLERANCE}")


if __name__ == "__main__":
    main()
