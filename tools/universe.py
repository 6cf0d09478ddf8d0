"""What plain `xdsl-opt` and every other xDSL tool sees of us: the entry point `xdsl.universe`.

Every xDSL tool imports this module at start, even for `--version`; so it names, and loads nothing.
"""

from xdsl.universe import Universe

from xnn.dialects import DIALECTS
from xnn.passes import PASSES

XNN_UNIVERSE = Universe(all_dialects=dict(DIALECTS), all_passes=dict(PASSES))
