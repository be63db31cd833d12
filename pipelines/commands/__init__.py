"""One module per command, with light imports: what a command needs is loaded when it runs."""
