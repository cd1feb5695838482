"""`python -m workflow` is the command `workflow`."""

from workflow.cli import main

if __name__ == "__main__":
    main(prog_name="workflow")
