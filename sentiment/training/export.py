"""From weights to the shipped file: ONNX with the head inside, then dynamic int8."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from sentiment.scorer import INPUTS
from sentiment.training.network import Judge, load

OPSET = 17


def exported(base: Path, weights: Path, out: Path) -> Path:
    """`out` as int8 ONNX of the checkpoint: MatMul and Gather, per channel."""
    import torch

    model = load(base)
    model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "fp32.onnx"
        _write(model.eval(), plain)
        _shrink(plain, out)
    return out


def _write(model: Judge, path: Path) -> None:
    import torch

    axes: dict[str, Any] = {name: {0: "batch", 1: "length"} for name in INPUTS} | {"logits": {0: "batch"}}
    example = tuple(torch.ones(2, 9, dtype=torch.int64) for _ in INPUTS)
    torch.onnx.export(
        model,
        example,
        str(path),
        input_names=list(INPUTS),
        output_names=["logits"],
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )


def _shrink(plain: Path, out: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    ready = plain.with_name("ready.onnx")
    quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
    quantize_dynamic(
        str(ready),
        str(out),
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gather"],
    )
