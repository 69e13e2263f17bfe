"""Recipes that made the shipped weights, and their evaluation. Not part of the plugin's zip."""
