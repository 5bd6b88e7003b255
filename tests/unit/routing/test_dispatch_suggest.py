"""Which department is suggested, and why: catalogue, learning, words, and who never is."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from routing.dispatch.suggest import CaseFacts, Duty, Ground, Guess, Unit, suggest

TODAY = date(2026, 11, 23)
CITY = Unit("u1", "市城市管理局", "局", ("路灯", "井盖"))
ROADS = Unit("u2", "市交通运输局", "局", ("公路",))
TOWN = Unit("u3", "青石镇人民政府", "镇", ("村",))
AWAY = Unit("u4", "邻市12345", "外市", ("邻市",))
UNITS = (CITY, ROADS, TOWN, AWAY)


def duty(name: str, lead: Unit, **rest: object) -> Duty:
    values: dict[str, object] = {
        "id": name, "category_prefix": "城市管理/路灯照明", "area": None, "lead_id": lead.id,
        "supporting": (), "basis": "三定方案第五条", "source": "初始数据",
        "valid_from": TODAY - timedelta(days=365), **rest,
    }  # fmt: skip
    return Duty(**values)  # type: ignore[arg-type]


LAMPS = CaseFacts(category="城市管理/路灯照明", text="门口路灯不亮")


def test_the_catalogue_is_the_first_reason_and_names_its_law() -> None:
    best = suggest(LAMPS, [duty("d1", CITY)], UNITS, TODAY)[0]
    assert best.unit is CITY
    assert [reason.ground for reason in best.reasons] == [Ground.CATALOGUE, Ground.KEYWORDS]
    assert best.reasons[0].duty_id == "d1"
    assert best.basis == "三定方案第五条"


def test_a_line_for_the_area_outweighs_the_general_one() -> None:
    facts = CaseFacts("城市管理/路灯照明", "路灯", areas=("青石镇", "江海市"))
    lines = [duty("d1", CITY), duty("d2", ROADS, area="青石镇")]
    assert [s.unit for s in suggest(facts, lines, UNITS, TODAY)] == [ROADS, CITY]
    elsewhere = CaseFacts("城市管理/路灯照明", "路灯", areas=("东湖街道",))
    assert [s.unit for s in suggest(elsewhere, lines, UNITS, TODAY)] == [CITY]


def test_a_longer_category_outweighs_a_shorter_one() -> None:
    lines = [duty("d1", ROADS, category_prefix="城市管理"), duty("d2", CITY)]
    assert [s.unit for s in suggest(LAMPS, lines, UNITS, TODAY)] == [CITY, ROADS]


def test_a_line_counts_only_while_it_is_valid() -> None:
    lines = [
        duty("d1", ROADS, valid_to=TODAY),
        duty("d2", ROADS, valid_from=TODAY + timedelta(days=1)),
        duty("d3", CITY),
    ]
    assert [s.unit for s in suggest(LAMPS, lines, UNITS, TODAY)] == [CITY]


def test_a_category_is_not_the_beginning_of_another_word() -> None:
    lines = [duty("d1", ROADS, category_prefix="城市管理/路灯")]
    assert suggest(LAMPS, lines, [ROADS], TODAY) == ()


def test_the_accused_unit_is_suggested_by_nothing_at_all() -> None:
    facts = CaseFacts(
        "城市管理/路灯照明", "路灯", accused="城市管理局", guesses=(Guess(CITY.name, 0.9),),
        backstop=CITY.id,
    )  # fmt: skip
    assert suggest(facts, [duty("d1", CITY)], UNITS, TODAY) == ()
    line = duty("d2", ROADS, supporting=(CITY.id, TOWN.id))
    assert suggest(facts, [line], UNITS, TODAY)[0].supporting == (TOWN.id,)


def test_without_a_line_what_was_learned_comes_before_words() -> None:
    facts = CaseFacts(text="公路上有坑", guesses=(Guess(CITY.name, 0.8, "有坑"),))
    found = suggest(facts, [], UNITS, TODAY)
    assert [s.unit for s in found] == [CITY, ROADS]
    assert "80%" in found[0].reasons[0].words
    assert "有坑" in found[0].reasons[0].words


def test_a_town_is_spared_what_a_department_owns() -> None:
    facts = CaseFacts("城市管理/路灯照明", "村里的路灯", guesses=(Guess(TOWN.name, 1.0),))
    assert TOWN not in [s.unit for s in suggest(facts, [duty("d1", CITY)], UNITS, TODAY)]
    own = duty("d2", TOWN, area=None)
    assert TOWN in [s.unit for s in suggest(facts, [duty("d1", CITY), own], UNITS, TODAY)]


def test_the_backstop_unit_stands_in_only_where_nobody_else_does() -> None:
    facts = CaseFacts("没有的分类", "说不清的事", backstop=TOWN.id)
    (only,) = suggest(facts, [], UNITS, TODAY)
    assert (only.unit, only.reasons[0].ground) == (TOWN, Ground.BACKSTOP)


@given(
    st.lists(st.tuples(st.sampled_from(UNITS), st.sampled_from([None, "青石镇"])), max_size=6),
    st.sampled_from(["", "市城市管理局", "交通", "镇"]),
    st.text("路灯公村", max_size=8),
)
def test_every_suggestion_has_a_reason_and_none_is_accused(
    lines: list[tuple[Unit, str | None]], accused: str, text: str
) -> None:
    duties = [duty(f"d{n}", unit, area=area) for n, (unit, area) in enumerate(lines)]
    facts = CaseFacts("城市管理/路灯照明", text, ("青石镇",), accused)
    found = suggest(facts, duties, UNITS, TODAY, most=9)
    assert all(s.reasons and 0 < s.score <= 1 for s in found)
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    assert len({s.unit.id for s in found}) == len(found)
    assert not accused or all(accused not in s.unit.name for s in found)
