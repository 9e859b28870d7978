"""How large a difference in chrF a number of test sentences can show.

A verdict compares two models on the same n sentences. Each sentence's chrF changes by some d between them; the
change of the whole is close to the mean of d, which chance moves by sd(d) / √n. A difference of

    (z(0.975) + z(0.8)) · sd(d) / √n  =  2.80 · sd(d) / √n

is found significant (two-sided, 5 %) four times out of five; half of it, twice out of seven.

sd(d) is known only once both models have translated. SPREAD is what was measured on the included translation model
before and after 260 steps on the everyday phrases, English to Portuguese: 13.9 on their 200 held-out sentences,
which it had learned about, and 19.4 on the 100 software messages, which it forgot; together 16.9. Other models and
texts lie elsewhere, so this is an estimate. The outputs are in tests/verdict/paired_outputs.jsonl.
"""

from __future__ import annotations

import math

SPREAD = 16.9  # chrF, root mean square of the two
Z = 1.96 + 0.84


def detectable_chrf(sentences: int) -> float:
    """The difference in chrF that a verdict on so many sentences finds four times out of five. An estimate."""
    return Z * SPREAD / math.sqrt(max(sentences, 1))
