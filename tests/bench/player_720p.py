"""720p alone in a window: processor time, beside other players."""

import players


def main():
    with players.window() as b:
        players.compare(b, "720p", 0.75)


if __name__ == "__main__":
    main()
