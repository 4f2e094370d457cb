"""What is published of a verdict, whatever the forge: check, comments, differences. Sends nothing."""
