"""`--fix`: what can be written safely into a repository, shown before it is written, and never over anything.

values.known_values → plan.plan_fixes → diff.diff for a person to read → write.write. The first three only read.
"""
