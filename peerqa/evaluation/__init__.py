"""Says how good the ranking and the gate are, on labelled questions: `peerqa eval`.

The documents become questions and answers of an organization of its own, in a home of its own, by
the product's services; they are indexed and looked up as in the product. So what is measured is
what people get, and a tuned ranking is measured without a copy of it.
"""
