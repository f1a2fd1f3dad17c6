"""Texts that a prepared model is compared on with its original.

Varied on purpose: short and long, codes, names, other languages, one word.
"""

PARITY_SAMPLE = (
    "How do I reset my VPN password?",
    "I forgot the password for the remote access client, what now?",
    "Printer ZD420 shows error 0x80070005 when I print labels",
    "Where can I find the travel expense form?",
    "Who approves parental leave in the Berlin office?",
    "VPN",
    "payroll",
    "Cannot connect to the database: connection refused on port 5432",
    "The build fails with `ModuleNotFoundError: No module named 'yaml'` after the upgrade.",
    "What is the difference between gross margin and contribution margin?",
    "How long do we keep customer invoices before they may be destroyed?",
    "My laptop battery drains overnight although the lid is closed.",
    "Wie beantrage ich Urlaub für den nächsten Monat?",
    "Comment puis-je obtenir un badge visiteur ?",
    "¿Dónde está la política de gastos de viaje?",
    "Excel: sum a column only where another column says 'approved'",
    "Is it safe to open attachments from unknown senders if the virus scanner says nothing?",
    "Ask HR.",
    (
        "First open Settings, then Accounts. Choose Work account and press Disconnect. Restart the "
        "computer and sign in again with your company address. If the message appears a second "
        "time, clear the saved credentials and ask the service desk to renew the certificate."
    ),
    (
        "The customer wants the contract in three currencies with one signature page. Which "
        "template do we use, who has to sign it, and must the legal team look at it first?"
    ),
    "Onboarding checklist for new warehouse staff: safety shoes, forklift licence, scanner login",
    "HTTP 500 when saving the timesheet on Friday afternoon",
    "How do I book a meeting room with a projector for twelve people?",
    "Why does my query return duplicate rows after a LEFT JOIN?",
)
