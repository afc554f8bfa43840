"""`--fix`: what can be written safely into a repository, shown before it is written, and never over anything."""
