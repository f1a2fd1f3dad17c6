from peerqa.outgoing import Client
from peerqa.settings import Settings


def settings(tmp_path, **more: object) -> Settings:
    return Settings(home=tmp_path, secret_key="k" * 32, **more)


def client_to(tmp_path, *addresses: str, **more: object) -> Client:
    return Client(settings(tmp_path, **more), resolver=lambda host, port: addresses)
