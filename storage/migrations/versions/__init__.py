"""One file per version of the store; released ones never change."""
