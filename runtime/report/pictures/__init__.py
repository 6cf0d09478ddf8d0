"""Pictures for papers, drawn by matplotlib (the extra `report`), which is imported when a picture is."""
