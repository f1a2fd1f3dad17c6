"""Letters: how what is due to be told by mail is worded, and how it is sent."""
