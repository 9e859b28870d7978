"""One method of each kind, for what has nothing to do with a method's own mathematics.

All of them are trained in tests/train/test_every_method.py.
"""

ONE_OF_EACH_KIND = (
    "lora",  # low rank
    "adalora",  # whose ranks move
    "qlora",  # on a quantized base
    "oft",  # rotates
    "shira",  # sparse
    "prefix_tuning",  # a prompt
    "full",  # the base's own weights
    "beft",  # biases
    "cartridge",  # a cache
    "adaption_prompt",  # layers of its own
)
