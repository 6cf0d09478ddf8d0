"""The area of a target by what takes it: what it consists of, times the area of each."""

from __future__ import annotations

from xnn.dialects.target import Target

ACCUMULATOR_BYTES = 4
"""At 8 bits; at others they are as many bytes."""
MIB = 2**20


def area_mm2(target: Target) -> dict[str, float]:
    """Square millimetres by part, and the total of all; empty for a target that does not say."""
    prices = target.area_mm2
    if prices is None:
        return {}
    matmul, sort = target.matmul, target.sort
    lanes = matmul.n * (matmul.pre_operations + matmul.post_operations)
    lanes += sort.lanes * (sort.pre_operations + sort.post_operations) if sort else 0
    lanes += sum(engine.lanes for engine in (target.vector, target.general) if engine)
    accumulators = matmul.accumulator_rows * matmul.n * ACCUMULATOR_BYTES / MIB
    bandwidth = target.external.bytes_per_cycle * target.clock_hz / 1e9
    parts = {
        "mac": matmul.n**2 * prices.mac_i8,
        "accumulators": accumulators * prices.accumulator_mib,
        "operations": lanes * prices.operation,
        "local": target.local.capacity_bytes / MIB * prices.local_mib,
        "external": bandwidth * prices.external_gb_per_s,
        "control": prices.control,
    }
    return {"total": sum(parts.values()), **parts}
