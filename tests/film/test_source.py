"""The code beside a film: every frame knows the expression that ran, in whichever cell it stands."""

import linecache

import autovis as av


def filmed(*cells):
    """Run cells one after another as a notebook does, the last one recorded; return its film."""
    names = {"av": av}
    for number, cell in enumerate(cells, start=1):
        file = f"<cell {number}>"
        linecache.cache[file] = (len(cell), None, cell.splitlines(keepends=True), file)
        program = compile(cell, file, "exec")
        if number < len(cells):
            exec(program, names)
    with av.record() as tape:
        exec(program, names)
    return av.film(tape)


def marked(film):
    """The text under the mark of each frame that has one."""
    texts = []
    for frame in film.frames:
        if frame.span:
            first, begin, last, end = frame.span
            lines = list(film.source[first - 1 : last])
            lines[-1] = lines[-1][:end]
            lines[0] = lines[0][begin:]
            texts.append("\n".join(lines))
    return texts


def forward(film):
    return marked(film)[: sum(frame.kind == "forward" for frame in film.frames)]


def test_the_expression_that_ran_is_marked_not_the_whole_statement():
    film = filmed("x = av.leaf(3.0)\ny = av.exp(x * 2) + 1\n")
    assert forward(film) == ["x * 2", "av.exp(x * 2)", "av.exp(x * 2) + 1"]
    assert {frame.line for frame in film.frames[1:]} == {(2, 2)}


def test_an_expression_over_several_lines_is_marked_from_its_first_to_its_last_letter():
    film = filmed("x = av.leaf(3.0)\ny = (\n    x\n    * 2\n)\n")
    assert forward(film) == ["x\n    * 2"]
    assert film.frames[1].line == (2, 5)


def test_two_statements_on_one_line_are_told_apart():
    film = filmed("x = av.leaf(3.0)\ny = x * 2; z = y + x\n")
    assert forward(film) == ["x * 2", "y + x"]


def test_every_turn_of_a_loop_marks_the_same_place():
    film = filmed("x = av.leaf(3.0)\nfor i in range(3):\n    x = x * 2\n")
    assert forward(film) == ["x * 2"] * 3
    assert {frame.line for frame in film.frames[1:]} == {(3, 3)}


def test_columns_are_letters_not_bytes():
    film = filmed("损失 = av.leaf(3.0)\ny = 损失 * 2\n")
    assert forward(film) == ["损失 * 2"]


def test_a_function_from_another_cell_is_shown_with_the_cell_that_calls_it():
    film = filmed("def net(x):\n    return x * 2\n", "x = av.leaf(3.0)\ny = net(x)\ny.backward()\n")
    assert marked(film)[0] == "x * 2"
    assert set(marked(film)[1:]) == {"y.backward()"}
    assert film.source == ("def net(x):", "    return x * 2", "x = av.leaf(3.0)", "y = net(x)", "y.backward()")
    assert [(part.at, part.first, part.name) for part in film.sections] == [(0, 1, "<cell 1>"), (2, 1, "<cell 2>")]


def test_one_cell_has_no_heading():
    assert filmed("x = av.leaf(3.0)\ny = x * 2\n").sections == ()


def test_a_block_in_a_function_moves_to_the_left():
    x = av.leaf(3.0)
    with av.record() as tape:
        y = x * 2
        y.backward()
    film = av.film(tape)
    assert marked(film)[0] == "x * 2"
    assert set(marked(film)[1:]) == {"y.backward()"}
    assert any(line and not line.startswith(" ") for line in film.source)
    assert film.sections[0].first > 1
