"""Queries about the gazetteer, by intent."""

import math
from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.cases import PlaceRow

_METRES_PER_DEGREE = 111_320.0


async def places_near(
    session: AsyncSession, points: Sequence[tuple[float, float]], *, metres: float, limit: int
) -> Sequence[PlaceRow]:
    """Places around any of these points (latitude, longitude), the nearest to one first."""
    boxes, distances = [], []
    for lat, lon in points:
        north = metres / _METRES_PER_DEGREE
        narrow = max(0.01, math.cos(math.radians(lat)))
        east = north / narrow
        boxes.append(
            PlaceRow.lat.between(lat - north, lat + north)
            & PlaceRow.lon.between(lon - east, lon + east)
        )
        distances.append(
            (PlaceRow.lat - lat) * (PlaceRow.lat - lat)
            + (PlaceRow.lon - lon) * (PlaceRow.lon - lon) * narrow * narrow
        )
    nearest = distances[0] if len(distances) == 1 else func.least(*distances)
    query = select(PlaceRow).where(or_(*boxes)).order_by(nearest, PlaceRow.id).limit(limit)
    return (await session.scalars(query)).all()
