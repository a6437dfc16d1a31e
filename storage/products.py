"""Brands, products and the versions of their queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from listener.model import Brand, Product
from storage import tables as t
from storage import touched
from storage.statements import chunks, differs

_later = t.query.alias("later")
_newest = select(func.max(_later.c.version)).where(_later.c.product_id == t.product.c.id).scalar_subquery()
_IS_NEWEST = t.query.c.version == _newest


@dataclass(frozen=True, slots=True)
class Measured:
    """A product's number with that of its present query."""

    product_id: int
    query_id: int
    version: int
    text: str


def is_current(connection: Connection, brands: Sequence[Brand]) -> bool:
    """Whether exactly this is configured in the store."""
    b, p = t.brand.c, t.product.c
    stored_brands = connection.execute(select(b.name, b.competitor).where(b.active)).all()
    rows = select(p.name, b.name, p.competitor, t.query.c.text).join_from(t.product, t.brand)
    stored = connection.execute(rows.join(t.query, t.query.c.product_id == p.id).where(p.active, _IS_NEWEST))
    return sorted(map(tuple, stored_brands)) == sorted((one.name, one.competitor) for one in brands) and {
        tuple(row) for row in stored
    } == {
        (product.name, brand.name, product.competitor or brand.competitor, product.query.text)
        for brand in brands
        for product in brand.products
    }


def sync(connection: Connection, brands: Sequence[Brand], now: datetime) -> None:
    """Insert and update what is configured; the rest becomes inactive."""
    for brand in brands:
        brand_id = _brand(connection, brand)
        for product in brand.products:
            _product(connection, brand_id, brand, product, now)
    _rest(connection, t.brand, [brand.name for brand in brands])
    _rest(connection, t.product, [product.name for brand in brands for product in brand.products])


def _brand(connection: Connection, brand: Brand) -> int:
    values = {"competitor": brand.competitor, "active": True}
    return _upsert(connection, t.brand, brand.name, values)[0]


def _product(connection: Connection, brand_id: int, brand: Brand, product: Product, now: datetime) -> None:
    competitor = product.competitor or brand.competitor
    values = {"brand_id": brand_id, "competitor": competitor, "active": True}
    product_id, woken = _upsert(connection, t.product, product.name, values)
    if woken:
        touched.touch_known_days(connection, product_id)
        _look_back(connection, product_id)
    present = current(connection, [product.name]).get(product.name)
    if present is None or present.text != product.query.text:
        version = 1 if present is None else present.version + 1
        row = {"product_id": product_id, "version": version, "text": product.query.text}
        connection.execute(t.query.insert().values(**row, created_at=now))


def _look_back(connection: Connection, product_id: int) -> None:
    """Nobody looked for this product in what was collected while it was inactive."""
    connection.execute(
        update(t.product).where(t.product.c.id == product_id).values(matched_version=0, held_version=0)
    )


def _upsert(connection: Connection, table: Any, name: str, values: dict[str, Any]) -> tuple[int, bool]:
    """The row's number, and whether it is new or active again."""
    row = connection.execute(select(table).where(table.c.name == name)).one_or_none()
    if row is None:
        connection.execute(table.insert().values(name=name, **values))
        return int(connection.execute(select(table.c.id).where(table.c.name == name)).scalar_one()), True
    if differs(row, values):
        connection.execute(update(table).where(table.c.id == row.id).values(**values))
    return int(row.id), not row.active


def _rest(connection: Connection, table: Any, names: Sequence[str]) -> None:
    stored = connection.execute(select(table.c.name).where(table.c.active)).scalars()
    gone = sorted(set(stored) - set(names))
    connection.execute(update(table).where(table.c.name.in_(gone)).values(active=False))


_CURRENT = (
    select(t.product.c.name, t.product.c.id, t.query.c.id, t.query.c.version, t.query.c.text)
    .join_from(t.product, t.query)
    .where(t.product.c.name.in_(bindparam("names", expanding=True)), _IS_NEWEST)
)


def current(connection: Connection, names: Sequence[str]) -> dict[str, Measured]:
    """Products by name, each with its present query."""
    found: dict[str, Measured] = {}
    for part in chunks(names):
        found |= {name: Measured(*rest) for name, *rest in connection.execute(_CURRENT, {"names": part})}
    return found
