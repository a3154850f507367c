"""Grad-CAM and feature extraction: forward hooks keep activations, full backward hooks their gradients."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 4, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(4, 6, 3, padding=1),
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(6, 3),
)
activation, gradients = {}, {}


def get_activation(name):
    def hook(model, input, output):
        activation[name] = output.detach()

    return hook


def get_gradient(name):
    def hook(module, grad_input, grad_output):
        gradients[name] = grad_output[0].detach()

    return hook


handles = [
    model[3].register_forward_hook(get_activation("conv2")),
    model[3].register_full_backward_hook(get_gradient("conv2")),
]
shapes = []
for name, layer in model.named_children():
    handles.append(
        layer.register_forward_hook(
            lambda m, i, o, name=name: shapes.append((name, m.__class__.__name__, tuple(i[0].shape), tuple(o.shape)))
        )
    )
x = torch.randn(1, 1, 8, 8)
scores = model(x)
for row in shapes:
    print(row)
print(scores)
scores[0, scores.argmax()].backward()
weights = gradients["conv2"].mean(dim=(2, 3), keepdim=True)
cam = F.relu((weights * activation["conv2"]).sum(dim=1)).squeeze()
cam = cam / (cam.max() + 1e-8)
print(cam.shape)
print(cam)
for h in handles:
    h.remove()
shapes.clear()
model(x)
print(len(shapes), len(model[3]._forward_hooks), len(model[3]._backward_hooks))


def scale_inputs(module, args):
    return (args[0] * 0.5,)


def clip_kwargs(module, args, kwargs, output):
    return output.clamp(-0.1, 0.1)


with model.register_forward_pre_hook(scale_inputs), model.register_forward_hook(clip_kwargs, with_kwargs=True):
    print(model(x))
print(model(x))
norms = []
h = model[7].register_full_backward_pre_hook(lambda m, g: norms.append(g[0].norm().item()))
F.cross_entropy(model(x), torch.tensor([1])).backward()
print([round(n, 4) for n in norms])
