"""Sealed envelopes to rooms of 500 and 900: see crowds.py."""

import crowds


def main():
    for count in (500, 900):
        crowds.compare(count)


if __name__ == "__main__":
    main()
