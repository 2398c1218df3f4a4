"""Tiers, and the rules that hold a tier back."""
