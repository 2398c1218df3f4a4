"""The vocabulary: kinds, labels, policy, decisions. No input or output happens here."""
