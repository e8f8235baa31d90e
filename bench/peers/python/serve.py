"""The child process of the Python peers: serve.py WORKLOAD IMPL FOLDER THREADS.

What it says and hears is told in process.ts. A workload is a module of this folder with one function for each
implementation: it takes the inputs (after what stands behind a `:` in the workload's name), brings them in the form of its library, and gives the function that is timed.
"""

import importlib
import json
import os
import resource
import sys
import time

WORKLOAD, IMPL, FOLDER, THREADS = sys.argv[1:5]
# Libraries read these when they are imported.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ[name] = THREADS

import numpy as np  # noqa: E402

KINDS = {"i8": np.int8, "u8": np.uint8, "i32": np.int32, "i64": np.int64, "f32": np.float32, "f64": np.float64}


def load_inputs():
    with open(os.path.join(FOLDER, "inputs.json"), encoding="utf-8") as f:
        return [load_input(entry) for entry in json.load(f)]


def load_input(entry):
    if not isinstance(entry, dict):
        return entry
    return np.fromfile(os.path.join(FOLDER, entry["file"]), dtype=KINDS[entry["kind"]])


def save_leaf(k, leaf):
    file = f"{IMPL}-{k}.bin"
    column = np.ravel(np.asarray(leaf)).astype(np.float64, copy=False)
    column.tofile(os.path.join(FOLDER, file))
    return {"kind": "f64", "length": len(column), "file": file}


def peak_mb():
    """As `peakMb` of ours.ts."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with open("/proc/self/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM:")) / 1024


LOOK_S = 0.004
MOST_LOOKS = 100


def rest():
    """As `rest` of serve.ts."""
    for _ in range(MOST_LOOKS):
        before = time.process_time()
        time.sleep(LOOK_S)
        if time.process_time() - before < LOOK_S / 4:
            return


def say(**reply):
    print(json.dumps(reply), flush=True)


def serve():
    name, _, part = WORKLOAD.partition(":")
    module = importlib.import_module(name)
    prepare = getattr(module, IMPL, None)
    if prepare is None:
        say(error=f"there is no {IMPL} for {WORKLOAD}")
        return
    version = importlib.import_module(IMPL).__version__
    run = prepare(*([part] if part else []), *load_inputs())
    if run is None:
        say(error=f"there is no {IMPL} for {WORKLOAD}")
        return
    began = time.perf_counter()
    answer = run()
    first_ms = (time.perf_counter() - began) * 1000
    # Numba compiles in its first run; nobody else has a step of that kind.
    say(version=version, compile_ms=first_ms if IMPL == "numba" else None)
    for line in sys.stdin:
        command = line.strip()
        if command == "run":
            began, processor = time.perf_counter(), time.process_time()
            answer = run()
            ms, cpu_ms = (time.perf_counter() - began) * 1000, (time.process_time() - processor) * 1000
            rest()
            say(ms=ms, cpu_ms=cpu_ms)
        elif command == "answer":
            leaves = answer if isinstance(answer, tuple) else (answer,)
            say(leaves=[save_leaf(k, leaf) for k, leaf in enumerate(leaves)])
        elif command == "peak":
            say(peak_mb=peak_mb())
        else:
            say(error=f"there is no command {command}")


try:
    serve()
except ImportError as e:
    say(error=f"{e.name} is not installed")
except Exception as e:  # noqa: BLE001: whatever a library throws, the harness has to hear of it
    say(error=f"{type(e).__name__}: {e}")
