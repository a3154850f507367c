"""What `torch.nn` has and autovis has not, by name, and what to do instead."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from autovis import errors

__all__ = ["FUNCTIONS", "INIT", "METHODS", "MODULES", "SEQUENCES", "UTILS", "missing", "renamed"]


WRITE = "write it out from the functions that are there; it is a few lines."
ATTENTION = "write attention out with Linear and functional.scaled_dot_product_attention."
NORMS = "use LayerNorm or BatchNorm, or write it out with mean and var."
SPACE = "rows and images it does, with zeros around them and windows that fit; enlarge with repeat_interleave."
STEP = "compute the loss with CrossEntropyLoss, step by step."
PLAIN = "it runs Python as it is written, in one process, on the numbers that NumPy has."
STATE = "change the dictionary that state_dict() returns, or that is loaded."
HELD = "subclass Module, assign to its attributes, use register_buffer."
FULL = "PyTorch advises against it, too; use register_full_backward_hook."
PACKED = "pad the sequences, and take the state at each one's last step."


def _rows(reasons: dict[str, str]) -> dict[str, str]:
    return {name: reason for reason, names in reasons.items() for name in names.split()}


MODULES = _rows({
    WRITE: """AlphaDropout Bilinear CELU ChannelShuffle CosineEmbeddingLoss CosineSimilarity Dropout3d EmbeddingBag
        FeatureAlphaDropout GLU GaussianNLLLoss Hardshrink Hardsigmoid Hardswish HingeEmbeddingLoss MarginRankingLoss
        Mish MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss PairwiseDistance PixelShuffle PixelUnshuffle
        PoissonNLLLoss RReLU SoftMarginLoss Softmax2d Softmin Softshrink Softsign Tanhshrink Threshold TripletMarginLoss
        TripletMarginWithDistanceLoss""",
    ATTENTION: """MultiheadAttention Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder
        TransformerEncoderLayer""",
    NORMS: """BatchNorm3d CrossMapLRN2d GroupNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d LocalResponseNorm RMSNorm
        SyncBatchNorm""",
    SPACE: """AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d AvgPool3d CircularPad1d
        CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d Conv3d ConvTranspose1d ConvTranspose3d
        Fold FractionalMaxPool2d FractionalMaxPool3d LPPool1d LPPool2d LPPool3d MaxPool3d MaxUnpool1d MaxUnpool2d
        MaxUnpool3d ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d
        Unfold Upsample UpsamplingBilinear2d UpsamplingNearest2d ZeroPad1d ZeroPad2d ZeroPad3d""",
    PLAIN: """DataParallel LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d LazyConv3d
        LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d LazyInstanceNorm2d
        LazyInstanceNorm3d LazyLinear attention parallel qat quantized""",
    HELD: "Buffer Container RNNBase RNNCellBase UninitializedBuffer UninitializedParameter",
    STEP: """AdaptiveLogSoftmaxWithLoss CTCLoss LinearCrossEntropyLoss LinearCrossEntropyOptions NLLLoss2d
""",
})  # fmt: skip
FUNCTIONS = _rows({
    WRITE: """alpha_dropout bilinear celu channel_shuffle cosine_embedding_loss embedding_bag feature_alpha_dropout
        gaussian_nll_loss glu gumbel_softmax hardshrink hardsigmoid hardswish hinge_embedding_loss margin_ranking_loss
        mish multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss native_channel_shuffle pdist
        pixel_shuffle pixel_unshuffle poisson_nll_loss rrelu soft_margin_loss softmin softshrink softsign tanhshrink
        threshold triplet_margin_loss triplet_margin_with_distance_loss""",
    ATTENTION: "multi_head_attention_forward",
    NORMS: "group_norm instance_norm local_response_norm rms_norm",
    SPACE: """adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d affine_grid avg_pool3d
        conv3d conv_tbc conv_transpose1d conv_transpose3d dropout3d fold fractional_max_pool2d fractional_max_pool3d
        grid_sample interpolate lp_pool1d lp_pool2d lp_pool3d max_pool3d max_unpool1d max_unpool2d max_unpool3d unfold
        upsample upsample_bilinear upsample_nearest""",
    STEP: "ctc_loss linear_cross_entropy",
})  # fmt: skip
METHODS = _rows({
    PLAIN: "bfloat16 compile ipu mtia share_memory to_empty xpu",
    STATE: """get_extra_state register_load_state_dict_post_hook register_load_state_dict_pre_hook
        register_state_dict_post_hook register_state_dict_pre_hook set_extra_state""",
    HELD: "set_submodule",
    FULL: "register_backward_hook",
})  # fmt: skip
INIT = _rows({WRITE: "dirac_ sparse_"})
UTILS = _rows({
    WRITE: """get_total_norm parametrizations parametrize prune remove_weight_norm spectral_norm weight_norm
""",
})  # fmt: skip
SEQUENCES = _rows({PACKED: "PackedSequence pack_padded_sequence pack_sequence pad_packed_sequence"})


def missing(module: str, name: str, left_out: Mapping[str, str]) -> AttributeError:
    """Return the error for a name that a module of ours has not."""
    if name in left_out:
        return AttributeError(f"autovis does not do torch.{module}.{name}: {left_out[name]}")
    return errors.unknown(f"torch.{module}", name)


def renamed(module: str, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function under the name it had before those that write in place ended in an underscore."""

    def old(*given: Any, **named: Any) -> Any:
        sentence = f"`{module}.{name}` is now deprecated in favor of `{module}.{name}_`."
        warnings.warn(sentence, FutureWarning, stacklevel=2)
        return function(*given, **named)

    return old
