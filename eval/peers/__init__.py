"""Two ordinary stacks that answer the same cases as the product: LangChain and LlamaIndex.

Each is put together as its own documentation shows it, with the product's default language model
and embedder, so that a difference in the figures is one of method. They are for comparison only:
nothing of the product imports them, and their packages are optional (the extra `peers`).
"""
