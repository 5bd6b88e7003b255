"""What the demonstration says about its people."""

from core.auth import Role
from hotline.demo.city import _POSTS


def test_every_post_has_its_word() -> None:
    assert set(_POSTS) == set(Role)
