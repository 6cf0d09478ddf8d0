"""Trains the small digits network that the package ships, and writes digits.onnx and digits.npz.

Needs the extra `train` (`make train`). The images are the 1797 handwritten digits of 8 x 8 pixels
that scikit-learn bundles, a copy of the test set of the UCI "Optical Recognition of Handwritten
Digits" data set (E. Alpaydin, C. Kaynak, 1998; CC BY 4.0). A stratified 360 of them are held out:
the network never sees them, and digits.npz carries them as `images` [360, 1, 8, 8], float32 from
0 to 1, and `labels` [360].

The network is small but has one of each kind of layer: convolution with batch norm and ReLU, max
pooling, a residual block of a depthwise and a pointwise convolution, global average pooling, a
fully connected layer, softmax. Its batch norms are not folded: that is the compiler's work.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn

FOLDER = Path(__file__).parent
HELD_OUT = 360
SEED = 1
EPOCHS = 120
BATCH = 32


class Digits(nn.Module):
    """The network; its modules have the names of the layers in digits.onnx."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(32)
        self.depthwise3 = nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False)
        self.norm3 = nn.BatchNorm2d(32)
        self.pointwise4 = nn.Conv2d(32, 32, 1, bias=False)
        self.norm4 = nn.BatchNorm2d(32)
        self.logits = nn.Linear(32, 10)

    def forward(self, image: Tensor) -> Tensor:
        """Images [batch, 1, 8, 8] to logits [batch, 10]."""
        x = torch.relu(self.norm1(self.conv1(image)))
        x = nn.functional.max_pool2d(x, 2)
        x = torch.relu(self.norm2(self.conv2(x)))
        block = torch.relu(self.norm3(self.depthwise3(x)))
        x = torch.relu(self.norm4(self.pointwise4(block)) + x)
        return self.logits(x.mean((2, 3)))


def shifted(images: Tensor) -> Tensor:
    """Each batch moved by up to one pixel in each direction."""
    moves = torch.randint(-1, 2, (2,)).tolist()
    padded = nn.functional.pad(images, (1, 1, 1, 1))
    return padded[:, :, 1 + moves[0] : 9 + moves[0], 1 + moves[1] : 9 + moves[1]]


def train(images: Tensor, labels: Tensor) -> Digits:
    model = Digits()
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    steps = EPOCHS * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images))[: steps // EPOCHS * BATCH].split(BATCH):
            optimiser.zero_grad()
            loss_of(model(shifted(images[batch])), labels[batch]).backward()
            optimiser.step()
            schedule.step()
    return model.eval()


def export(model: Digits) -> onnx.ModelProto:
    """The network as ONNX, written by hand so that every tensor has the name of its layer."""
    nodes: list[onnx.NodeProto] = []
    weights = {name: value.detach().numpy() for name, value in model.state_dict().items()}
    used: list[str] = []

    def add(op: str, name: str, inputs: list[str], *parameters: str, **attributes: object) -> str:
        own = [f"{name}.{p}" for p in parameters]
        used.extend(own)
        nodes.append(helper.make_node(op, inputs + own, [name], name, **attributes))
        return name

    def block(x: str, conv: str, norm: str) -> str:
        module = model.get_submodule(conv)
        (pad, _), (kernel, _) = module.padding, module.kernel_size
        shape = {"kernel_shape": [kernel] * 2, "pads": [pad] * 4, "group": module.groups}
        x = add("Conv", conv, [x], "weight", **shape)
        statistics = ("weight", "bias", "running_mean", "running_var")
        return add("BatchNormalization", norm, [x], *statistics, epsilon=model.norm1.eps)

    x = add("Relu", "relu1", [block("image", "conv1", "norm1")])
    x = add("MaxPool", "pool1", [x], kernel_shape=[2, 2], strides=[2, 2])
    skip = add("Relu", "relu2", [block(x, "conv2", "norm2")])
    x = add("Relu", "relu3", [block(skip, "depthwise3", "norm3")])
    x = add("Add", "sum4", [block(x, "pointwise4", "norm4"), skip])
    x = add("Relu", "relu4", [x])
    x = add("GlobalAveragePool", "average", [x])
    x = add("Flatten", "flat", [x], axis=1)
    add("Gemm", "logits", [x], "weight", "bias", transB=1)
    add("Softmax", "probabilities", ["logits"], axis=1)

    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 8, 8])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 10])
            for name in ("logits", "probabilities")
        ],
        [numpy_helper.from_array(weights[name], name) for name in used],
    )
    model_proto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7, producer_name="xnn"
    )
    onnx.checker.check_model(model_proto, full_check=True)
    return model_proto


def main() -> None:
    torch.manual_seed(SEED)
    torch.set_num_threads(1)  # the same weights on every machine with this version of torch
    images, labels = load_digits(return_X_y=True)
    images = (images.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
    seen, held_out, seen_labels, held_out_labels = train_test_split(
        images, labels, test_size=HELD_OUT, stratify=labels, random_state=SEED
    )
    model = train(torch.from_numpy(seen), torch.from_numpy(seen_labels))
    with torch.no_grad():
        right = model(torch.from_numpy(held_out)).argmax(1).numpy() == held_out_labels
    print(f"held-out accuracy {right.mean():.2%}, {(~right).sum()} of {HELD_OUT} wrong")
    onnx.save(export(model), FOLDER / "digits.onnx")
    np.savez_compressed(FOLDER / "digits.npz", images=held_out, labels=held_out_labels)


if __name__ == "__main__":
    main()
