"""Fetches a model file that is named by its place on the Hugging Face hub.

What is done with the file is decided in rag/llm/weights.py.
"""

from __future__ import annotations

from pathlib import Path

from rag.errors import ModelFault


def from_hub(spec: str) -> Path:
    """Download a file named `hub:<owner>/<repo>/<file>`. Raises ModelFault."""
    owner, _, rest = spec.removeprefix("hub:").partition("/")
    repository, _, file_name = rest.partition("/")
    if not (owner and repository and file_name):
        raise ModelFault("hub-incomplete", spec=spec)
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    faults = HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError
    try:
        return Path(hf_hub_download(f"{owner}/{repository}", file_name))
    except faults as fault:
        raise ModelFault("hub-not-fetched", spec=spec, reason=type(fault).__name__) from fault
    except (ImportError, ValueError) as fault:  # of a proxy that cannot be used
        raise ModelFault(
            "hub-not-fetched-proxy", spec=spec, reason=" ".join(str(fault).split())[:200]
        ) from fault
