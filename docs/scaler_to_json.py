"""Turn the scaler of the original system, a pickle of scikit-learn's StandardScaler, into JSON for `stockops import`.

    python scaler_to_json.py scaler.pkl > scaler.json
    python scaler_to_json.py scaler.pkl --columns Open,High,Low,Close,Volume,RSI14,MACD > scaler.json

To read a pickle is to run what is in it, so run this where the scaler was made, on a file that you trust, with the scikit-learn that
wrote it. stockops itself reads no pickle.
"""

import argparse
import json
import pickle
import sys

COLUMNS = "Open,High,Low,Close,Volume,RSI14,MACD"


def unpickled(path):
    """The object in a file that joblib or pickle wrote."""
    try:
        import joblib
    except ImportError:
        with open(path, "rb") as file:
            return pickle.load(file)
    return joblib.load(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pickle")
    parser.add_argument("--columns", default=COLUMNS, help="names of the columns in their order")
    arguments = parser.parse_args()
    scaler = unpickled(arguments.pickle)
    columns = arguments.columns.split(",")
    mean, scale = [float(value) for value in scaler.mean_], [float(value) for value in scaler.scale_]
    if len(mean) != len(columns):
        sys.exit(f"the scaler has {len(mean)} columns, and {len(columns)} names were given: name them with --columns")
    named = getattr(scaler, "feature_names_in_", None)
    if named is not None and list(named) != columns:
        sys.exit(f"the scaler calls its columns {', '.join(named)}: give --columns in that order, in the words of stockops")
    json.dump({"columns": columns, "mean": mean, "scale": scale}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
