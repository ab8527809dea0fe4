"""Sealed envelopes to rooms of 10 and 100: see crowds.py."""

import crowds


def main():
    for count in (10, 100):
        crowds.compare(count)


if __name__ == "__main__":
    main()
