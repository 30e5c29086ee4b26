value = "ours"
