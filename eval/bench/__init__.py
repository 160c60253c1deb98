"""What the product costs on this machine, against what the machine can do.

limit: the model's own rates in llama.cpp. start: from a command to its first word, and memory.
growth: an index of 134 to 24,000 clauses. users: several questions at once. None of them judges an
answer; that is the rest of eval.
"""
