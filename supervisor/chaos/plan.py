"""What a run does and when: a function of its seed and its length."""

import dataclasses
import random

POOLS = ("cpp", "python", "node")
# Seconds of load between two actions, beside what the actions themselves take.
PAUSE = (0.3, 2.0)

# How often an action comes, against the others.
WEIGHTS = {
    "kill worker": 5,
    "stop worker for a moment": 3,
    "stop worker for good": 1,
    "kill gateway": 3,
    "kill supervisor": 4,
    "upgrade": 3,
    "upgrade to the other release": 2,
    "upgrade to nothing": 1,
    "upgrade to what may not run": 1,
    "upgrade to what exits": 1,
    "reload": 4,
    "scale": 4,
    "apply": 3,
    "fill pipes": 2,
    "exhaust descriptors": 2,
    "hang the disk": 2,
    "fill the disk": 2,
}
# Nobody waits for their end: the next action comes in the middle.
HASTY = ("reload",)


@dataclasses.dataclass(frozen=True)
class Action:
    pause: float   # seconds before it
    kind: str      # of WEIGHTS
    pool: str      # of POOLS
    chance: float  # 0..1, what else there is to choose
    hasty: bool    # the next one does not wait for this one's end


def actions(seed):
    """Endless; the first n are the same however many are taken."""
    chance = random.Random(seed)
    kinds, weights = tuple(WEIGHTS), tuple(WEIGHTS.values())
    # Each once before chance decides, so that a short run has many of them.
    first = list(kinds)
    chance.shuffle(first)
    while True:
        kind = first.pop() if first else chance.choices(kinds, weights)[0]
        pause, pool = chance.uniform(*PAUSE), chance.choice(POOLS)
        share, hasty = chance.random(), chance.random() < 0.5
        yield Action(pause, kind, pool, share, hasty and kind in HASTY)
