"""The additive risk model: evidence in, probability out."""
