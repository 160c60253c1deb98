"""Loads the language model that a specification names: in this process, or behind an endpoint."""

from __future__ import annotations

from pathlib import Path

from index.endpoint import Endpoint
from rag.errors import ModelFault
from rag.llm.progress import Progress
from rag.llm.protocol import Generator
from rag.llm.weights import model_name, resolve_model


def model_called(spec: str | None) -> str:
    """The name of the model that `spec` names; nothing is loaded or fetched.

    Raises ModelFault for a file that is none, before anything is loaded.
    """
    if spec and not spec.startswith(("default", "hub:")):
        resolve_model(spec)
    return model_name(spec)


def load_generator(
    spec: str | None = None,
    *,
    context_size: int = 4096,
    threads: int | None = None,
    states: Path | None = None,
    progress: Progress | None = None,
    places: int = 1,
) -> Generator:
    """Load the model that `spec` names (see rag.weights.resolve_model).

    `threads` None means the physical cores. `states` is the folder of saved prompt states; None
    means the user's cache. `places` is how many requests an endpoint serves at once; what runs here
    has one. Raises ModelFault with one line.
    """
    model = resolve_model(spec, progress)
    if isinstance(model, Endpoint):
        from rag.llm.endpoint import EndpointGenerator

        return EndpointGenerator(model, context_size=context_size, places=places)
    if places > 1:
        raise ModelFault("parallel-needs-endpoint")
    from rag.llm.llama import LlamaGenerator

    return LlamaGenerator(
        model.path, context_size=context_size, threads=threads, states_folder=states
    )
