from __future__ import annotations
from tests.builders import make_user


def test_it(services, sign_in):
    make_user(services)
    nurse = sign_in("nurse@site.example")
    r = nurse.get("/account")
    assert r.status_code == 200
    assert "Nora Nurse" in r.text
    r = nurse.post("/sign-out")
    assert r.status_code == 303
    assert nurse.get("/account").status_code == 401
