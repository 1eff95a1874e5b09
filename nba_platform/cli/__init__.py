"""The `nba` command: `main` lists the commands, `command` is the frame of each, `render` prints."""
