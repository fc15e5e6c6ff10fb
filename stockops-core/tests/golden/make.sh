#!/bin/sh
# Writes every golden file again: PYTHON=path/to/venv/bin/python ./make.sh
set -eu
cd "$(dirname "$0")"
export PYTHONDONTWRITEBYTECODE=1
for script in indicators volatility scaler network small_net adam training_curve sessions evaluation risk drift; do
    "${PYTHON:-python3}" "$script.py"
done
chmod 644 network.safetensors
