"""PARITY.md says what the tests insist on, and autovis says of each thing that it leaves out that it does."""

import pytest
import table


def test_the_page_is_what_the_tables_say():
    text = table.PAGE.read_text(encoding="utf-8")
    assert text == table.page(), "PARITY.md is stale: run `make parity`"


@pytest.mark.parametrize(("prefix", "names"), table.absent(), ids=[prefix for prefix, _ in table.absent()])
def test_what_is_left_out_says_so_by_name(prefix, names):
    for name, reason in names.items():
        text = f"import autovis as torch; {prefix}.{name}"
        with pytest.raises((AttributeError, NotImplementedError), match=r"autovis does not do") as caught:
            exec(text.replace("torch.nn.Module.", "torch.nn.Linear(1, 1)."), {})
        assert reason in str(caught.value), name
