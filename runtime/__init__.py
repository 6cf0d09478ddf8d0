"""What the IR means and what it costs: one file per dialect, the engines, the memories, the machine."""
