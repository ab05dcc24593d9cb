"""The pages. They draw and forward; they decide nothing."""
