"""Tests of the door: files to model."""
