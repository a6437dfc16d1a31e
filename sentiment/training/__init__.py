"""How the shipped model is made: mixture of rows, network, calibration, export (extra `train`)."""
