"""The panel that a measurement is about, by its name on the command line."""

from __future__ import annotations

import os

from agents.panel import Panel, configured_panel, local_panel
from agents.settings import load_settings
from knowledge.embedder import MiniLM
from knowledge.rubric import load_rubric


def panel_named(name: str, threads: int = 1) -> Panel:
    """The local panel, or the models that the settings name; `threads` are the embedder's.

    Raises SettingsError, and ValueError when the settings name no model.
    """
    if name == "local":
        return local_panel(MiniLM(threads=threads))
    settings = load_settings()
    if not settings.llm_model:
        raise ValueError(
            "--panel model needs a model: set GREENROOM_LLM_MODEL, and GREENROOM_LLM_URL and GREENROOM_LLM_KEY as the "
            "server wants them (.env.example says what they take)"
        )
    return configured_panel(settings, load_rubric(), os.environ, MiniLM(settings.weights, threads=threads))
