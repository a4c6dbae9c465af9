"""What WeChat and mail servers send, taken apart; knows nothing of the company's records."""
